"""What a site is: its configuration, its pages, its settings and its machines."""
