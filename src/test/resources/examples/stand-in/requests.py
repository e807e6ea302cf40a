"""Stands in for the module requests where it is not installed: what client.py uses of it, and no more."""
import json as _json
from urllib.error import HTTPError
from urllib.request import Request, urlopen


class Response:
    def __init__(self, status_code, content):
        self.status_code = status_code
        self.content = content

    def json(self):
        return _json.loads(self.content)


def _send(request):
    try:
        with urlopen(request) as answer:
            return Response(answer.status, answer.read())
    except HTTPError as error:
        return Response(error.code, error.read())


def get(url, headers):
    return _send(Request(url, headers=headers))


def post(url, headers, json):
    return _send(Request(url, _json.dumps(json).encode(), {**headers, "Content-Type": "application/json"}, method="POST"))
