"""`python -m compass`: the command line."""

from cli.main import main

main()
