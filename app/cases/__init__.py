"""What people do: verbs over the store, each returning what it changed."""
