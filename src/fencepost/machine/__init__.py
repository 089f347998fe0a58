"""Where pages run: machines, built and started by a container engine."""
