"""Real servers from Debian's packages, each in a private directory on loopback ports."""
