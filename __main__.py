"""`python -m phonegrade` is the `phonegrade` command."""

from phonegrade.cli.main import main

main()
