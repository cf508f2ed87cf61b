"""Owners of files when a tree moves from one range of host ids to another."""

from __future__ import annotations

import struct
from dataclasses import dataclass

# linux/capability.h, struct vfs_ns_cap_data: revision 3 names the root user it holds for.
CAPABILITY = "security.capability"
CAPABILITY_LENGTH = 24
REVISION_MASK, REVISION_3 = 0xFF000000, 0x03000000
# linux/posix_acl_xattr.h: a version, then (tag, permissions, id) for each entry.
ACLS = ("system.posix_acl_access", "system.posix_acl_default")
ACL_ENTRY = struct.Struct("<HHI")
ACL_WITH_ID = (0x02, 0x08)  # a named user, a named group
ACL_HEADER = 4


@dataclass(frozen=True)
class Shift:
    """Moves the `count` ids from `first` on to those from `to` on; others stay as they are."""

    first: int
    to: int
    count: int

    def id(self, value: int) -> int:
        inside = self.first <= value < self.first + self.count
        return value - self.first + self.to if inside else value

    def attribute(self, name: str, value: bytes) -> bytes:
        """An extended attribute's value, with the ids that it holds moved."""
        if name == CAPABILITY and len(value) == CAPABILITY_LENGTH:
            magic, root = struct.unpack("<I16xI", value)
            if magic & REVISION_MASK == REVISION_3:
                return value[:-4] + struct.pack("<I", self.id(root))
        if name in ACLS and len(value) >= ACL_HEADER:
            return value[:ACL_HEADER] + self._acl(value[ACL_HEADER:])
        return value

    def _acl(self, entries: bytes) -> bytes:
        if len(entries) % ACL_ENTRY.size:
            return entries
        return b"".join(
            ACL_ENTRY.pack(tag, mode, self.id(number) if tag in ACL_WITH_ID else number)
            for tag, mode, number in ACL_ENTRY.iter_unpack(entries)
        )
