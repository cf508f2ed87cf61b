from vibe.refusal import Refusal as SandboxError

__all__ = ["SandboxError"]
