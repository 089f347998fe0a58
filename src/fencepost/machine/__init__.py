"""The machines that pages run on, built and started by a container engine."""
