"""Fresh machines in milliseconds: many pages, one after the other, in one container, each in namespaces of its own."""
