"""The network interface of a sandbox, and the sockets at its other end.

At that end lies a network namespace without any process, in which every address of the world is
local. What a sandbox connects to arrives at a socket there, wherever it was meant for, and leaves
it by nothing but the decisions of `sandboxes.engine.egress`. No firewall and no TUN device.
"""
