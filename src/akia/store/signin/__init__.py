"""What people sign in with: passwords and second factors."""
