"""The windows: the frame with its places, the lock before it, and the first start."""
