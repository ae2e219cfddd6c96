"""A whole client of `foretype serve`: asks for a ghost after each line that is typed.

python docs/example_client.py [COMMAND...]      (default: foretype serve)
"""

import json
import subprocess
import sys


class Suggestions:
    """The server as a child process; one request at a time."""

    def __init__(self, command: list[str]) -> None:
        self.server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.id = 0

    def suggest(self, before: str, **parameters: object) -> dict[str, object]:
        """The suggestion after `before`; raises RuntimeError with the server's one line."""
        assert self.server.stdin is not None and self.server.stdout is not None
        self.id += 1
        request = {
            "jsonrpc": "2.0",
            "id": self.id,
            "method": "suggest",
            "params": {"before": before, **parameters},
        }
        self.server.stdin.write(json.dumps(request) + "\n")
        self.server.stdin.flush()
        answer = json.loads(self.server.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"]["message"])
        return answer["result"]


if __name__ == "__main__":
    suggestions, text = Suggestions(sys.argv[1:] or ["foretype", "serve"]), ""
    for line in sys.stdin:
        text += line.rstrip("\n")
        found = suggestions.suggest(text, alternatives=2)
        print(f"{text}[{found['ghost']}]  {found['probability']:.0%}, {found['milliseconds']} ms")
