"""A Jupyter kernel for C# and F#: hands cells to the process that runs them, and what they show to Jupyter.

The process answers with lines of JSON (Message.cs). This file is installed beside kernel.json, which says how to start it.
"""
import json
import os
import queue
import subprocess
import threading
import time

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

LANGUAGE = os.environ.get("AUTODIFFCNN_LANGUAGE", "csharp")
HOST = os.environ["AUTODIFFCNN_HOST"]
GLANCE = 0.1  # seconds between looks whether the process lives
PATIENCE = 10.0  # seconds for what should answer at once
DONE = {"type": "done"}
LOST = {"type": "lost"}


class Host:
    """The process of the cells. It has a session of its own, so that Jupyter's signals do not reach it; when this process
    ends its input does, and with that it is gone."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["dotnet", "exec", HOST], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True)
        self.messages = queue.Queue()
        self.last = []
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._keep, daemon=True).start()

    def ask(self, **request):
        try:
            self.process.stdin.write((json.dumps(request) + "\n").encode())
            self.process.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass  # It is gone, which its answer will say.

    def answers(self, timeout=None):
        """The messages of one request; at the end DONE, or LOST if there is no process any more. None where a
        moment passes without any."""
        until = None if timeout is None else time.monotonic() + timeout
        while until is None or time.monotonic() < until:
            gone = self.process.poll() is not None
            try:
                message = self.messages.get(timeout=GLANCE)
            except queue.Empty:
                if gone:
                    yield LOST
                    return
                yield None
                continue
            yield message
            if message == DONE:
                return
        yield LOST

    def end(self):
        self.process.kill()
        self.process.wait(PATIENCE)

    def obituary(self):
        self.process.wait(PATIENCE)
        return f"the process of the cells ended with exit code {self.process.returncode}"

    def _read(self):
        for line in self.process.stdout:
            self.messages.put(json.loads(line))

    def _keep(self):
        for line in self.process.stderr:
            if len(self.last) < 40:
                self.last.append(line.decode(errors="replace").rstrip("\n"))


class AutoDiffCnnKernel(Kernel):
    implementation = "autodiffcnn"
    implementation_version = "0.1.0"
    banner = "C# and F# cells, run by autodiffcnn"
    language_info = {"name": "polyglot-notebook", "file_extension": ".cs", "mimetype": "text/x-csharp", "pygments_lexer": "csharp"} \
        if LANGUAGE == "csharp" else \
        {"name": "polyglot-notebook", "file_extension": ".fs", "mimetype": "text/x-fsharp", "pygments_lexer": "fsharp"}

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.host = Host()

    def do_execute(self, code, silent, store_history=True, user_expressions=None, allow_stdin=False):
        if not code.strip():
            return self._ok()
        if self.host.process.poll() is not None:
            self.host = Host()  # The one before has died, which was said.
        self.host.ask(type="execute", language=LANGUAGE, code=code, number=self.execution_count)
        error = self._show(silent)
        if error is None:
            return self._ok()
        if not silent:
            self._send("error", error)
        return {"status": "error", "execution_count": self.execution_count, **error}

    def do_complete(self, code, cursor_pos):
        self.host.ask(type="complete", language=LANGUAGE, code=code, position=cursor_pos)
        found = {"matches": [], "start": cursor_pos, "end": cursor_pos}
        for message in self.host.answers(PATIENCE):
            if message and message["type"] == "completions":
                found = message
        return {"status": "ok", "matches": found["matches"], "cursor_start": found["start"], "cursor_end": found["end"],
                "metadata": {}}

    def do_shutdown(self, restart):
        self.host.end()
        if restart:
            self.host = Host()
        return {"status": "ok", "restart": restart}

    def _show(self, silent):
        """Shows what a cell does; the error that ended it, or None."""
        error, answers = None, self.host.answers()
        while True:
            try:
                message = next(answers)
                if message == DONE:
                    return error
                if message == LOST:
                    self.host.end()
                    return {"ename": "HostExited", "evalue": self.host.obituary(), "traceback": self.host.last}
                if message and message["type"] == "error":
                    error = {"ename": message["name"], "evalue": message["text"], "traceback": message["trace"]}
                elif message and not silent:
                    self._forward(message)
            except KeyboardInterrupt:
                self.host.ask(type="interrupt")
                answers = self.host.answers(PATIENCE)

    def _forward(self, message):
        kind = message["type"]
        if kind == "stream":
            self._send("stream", {"name": message["name"], "text": message["text"]})
        elif kind == "display":
            self._send("display_data", self._data(message))
        elif kind == "update":
            self._send("update_display_data", self._data(message))
        elif kind == "result":
            self._send("execute_result", {**self._data(message), "execution_count": self.execution_count})
        elif kind == "time":
            self._send("stream", {"name": "stdout", "text": message["text"] + "\n"})

    def _data(self, message):
        data = {mime: json.loads(text) if mime == "application/json" or mime.endswith("+json") else text
                for mime, text in message["data"].items()}
        transient = {"display_id": f"{self.host.process.pid}-{message['id']}"} if "id" in message else {}
        return {"data": data, "metadata": {}, "transient": transient}

    def _send(self, kind, content):
        self.send_response(self.iopub_socket, kind, content)

    def _ok(self):
        return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}


if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=AutoDiffCnnKernel)
