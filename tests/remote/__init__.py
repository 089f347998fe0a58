"""Tests of an engine on another computer, which is reached through ssh.

The other computer is an ssh server on the loopback, which `another_computer.py` starts. They need sshd.
"""
