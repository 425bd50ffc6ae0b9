"""What fulfils the ports: databases, other systems, the clock. Only bootstrap and cli name an adapter."""
