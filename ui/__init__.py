"""The window: shows, asks, hands over."""
