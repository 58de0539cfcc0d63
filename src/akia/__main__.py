"""`python -m akia` is `akia`."""

from akia.cli import main

if __name__ == "__main__":
    main()
