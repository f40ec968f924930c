"""Who works at a desk: the person with the key, in the post that the workspace belongs to."""

from __future__ import annotations

from app.policy.access import Actor
from app.store.workspace import Workspace


def actor(store: Workspace) -> Actor:
    """The person who opened the workspace, with all divisions that the county has granted the post."""
    served = store.divisions
    return Actor(store.holder.id, store.holder.name, store.post.role, next(iter(served), store.post.org), served)
