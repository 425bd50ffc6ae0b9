"""The application for servers and for `flask`. `python app.py` serves what `make build` built.

With PORTAL_ variables set it is the deployment they describe. Without any it is the try-out service of
`make run`: the same folder instance/, the same secrets, the same made-up people.
"""

from flask import Flask

from portal import bootstrap
from portal.cli import instance
from portal.config import Settings, any_set


def create_app() -> Flask:
    """What gunicorn and `flask --app app` call. Raises BadSettings with every problem at once."""
    if not any_set():
        instance.make()
    return bootstrap.create_app(Settings.from_env(otherwise=instance.environment()))


if __name__ == "__main__":
    from portal.cli import run, serve

    serve.main() if any_set() else run.main()
