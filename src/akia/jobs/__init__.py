"""Work that nobody asks for: what must happen every second, every minute, every night."""
