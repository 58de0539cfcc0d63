"""The program `akia`."""


def main() -> None:
    """Run the program on `sys.argv`. Exits with 0, with 1 for a failure, with 2 for what was asked wrongly."""
    from akia.cli.program import program  # not above: the server process imports this package and needs no command line

    program()
