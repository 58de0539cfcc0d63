"""The edge: HTTP's bytes in, HTTP's bytes out; TLS, limits on what is read, and when an answer may leave."""
