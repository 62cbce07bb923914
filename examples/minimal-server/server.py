"""The smallest server that meets every MUST of docs/protocol.md, with Python's standard library only.

Plain WebSocket, tickets (HS256), sessions in memory, and a toy for a recogniser, which reports loud passages as 〔语音 1.2 秒〕
and makes no text up. Usage: TICKET_SECRET=… python3 server.py [port]; with Socket.IO as well: with_socketio.py.
"""
import array, asyncio, base64, hashlib, hmac, json, os, re, struct, sys, time, uuid
from urllib.parse import parse_qs, urlsplit

ENGINES = {"16k_zh": 16000, "8k_zh": 8000}  # and their sample rates
LIMITS = {"maxFrameBytes": 64000, "creditMs": 30000, "ringMs": 120000}
MAX_MESSAGE_BYTES, MAX_SKIP_MS = 2_000_000, 4 * 3_600_000
PROGRESS_S, PING_S, MISSING_AUDIO_S, FORGET_AFTER_S = 1, 10, 10, 24 * 3600
LEEWAY_S = 60  # how much the signer's clock may differ
WINDOW_MS, SILENCE_MS, MARGIN_MS, LOUD = 20, 600, 3000, 1500  # of the toy recogniser
TICK_S, HEARD_PER_TICK_MS = 0.02, 200  # it hears ten times as fast as people speak
RETRIABLE = {"TICKET_EXPIRED", "AUDIO_GAP", "TOO_FAST"}
KEYS, SESSIONS = {}, {}

class Refusal(Exception):
    def __init__(self, code, **more):
        self.wire = {"code": code, "message": code, "retriable": code in RETRIABLE, **more}

def is_position(value):
    return type(value) in (int, float) and value == int(value) and 0 <= value < 2**53

def user_of(ticket):
    """The user of a ticket and its expiry: a JWT with HS256 and nothing else."""
    if not ticket:
        raise Refusal("UNAUTHENTICATED")
    try:
        head, body, signature = ticket.split(".")
        header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in (head, body))
        signed = hmac.new(KEYS[header["kid"]], f"{head}.{body}".encode(), hashlib.sha256).digest()
        good = header["alg"] == "HS256" and hmac.compare_digest(signed, base64.urlsafe_b64decode(signature + "=="))
        good = good and claims["aud"] == "realtime-voice" and claims["iss"] == "cloudbase-realtime-voice"
        user, expires = good and claims["sub"], float(claims["exp"])
    except Exception:
        user = None
    if not user or not isinstance(user, str):
        raise Refusal("TICKET_INVALID")
    if time.time() > expires + LEEWAY_S:
        raise Refusal("TICKET_EXPIRED")
    return user, expires

def is_hotword(one):
    word, weight = one["word"], one.get("weight", 10)
    good = re.fullmatch(r"[^\s|,]{1,30}", word) and len(re.findall("[㐀-鿿]", word)) <= 10
    return good and is_position(weight) and (1 <= weight <= 11 or weight == 100)

is_text = lambda value, most=10**6: isinstance(value, str) and len(value) <= most
is_id = lambda value: re.fullmatch("[A-Za-z0-9_-]{8,64}", value)
is_list = lambda value, good: isinstance(value, list) and len(value) <= 128 and all(map(good, value))
START_FIELDS = {  # what each has to be, and what it is refused with
    "sessionId": (is_id, "BAD_REQUEST"),
    "clientId": (is_id, "BAD_REQUEST"),
    "engine": (is_text, "BAD_REQUEST"),
    "sampleRate": (lambda value: value in ENGINES.values(), "BAD_SAMPLE_RATE"),
    "hotwords": (lambda value: is_list(value, is_hotword), "BAD_HOTWORDS"),
    "wordTimes": (lambda value: isinstance(value, bool), "BAD_REQUEST"),
    "silenceMs": (lambda value: is_position(value) and 500 <= value <= 2000, "BAD_REQUEST"),
    "title": (lambda value: is_text(value, 60), "BAD_REQUEST"),
    "token": (is_text, "BAD_REQUEST"),
    "encodings": (lambda value: is_list(value, is_text), "BAD_REQUEST"),
    "resume": (lambda value: is_position(value["haveIndex"] + 1) and value.get("takeOver", True) in (True, False), "BAD_REQUEST"),
}

def rate_of(request):
    """The sample rate of a `start`, all of whose fields are good."""
    if not isinstance(request, dict):
        raise Refusal("BAD_REQUEST")
    for name, (is_good, code) in START_FIELDS.items():
        try:
            good = name not in request or is_good(request[name])
        except (TypeError, KeyError, AttributeError):
            good = False
        if not good:
            raise Refusal(code, detail=name)
    rate = ENGINES.get(request.get("engine", "16k_zh"))
    if not rate or request.get("sampleRate", rate) != rate:
        raise Refusal("BAD_SAMPLE_RATE" if rate else "UNKNOWN_ENGINE")
    return rate

class Session:
    """Audio by position, the toy recogniser, and the sentences; it outlives its connections."""

    def __init__(self, session_id, user, client, rate):
        self.id, self.user, self.client, self.rate = session_id, user, client, rate
        self.state, self.connection, self.ended = "live", None, None
        self.next, self.heard, self.committed = 0, 0, 0  # samples
        self.finals, self.opened, self.loud_until, self.interim = [], None, 0, ""
        self.queue, self.unheard = [], 0  # audio that was not heard yet, and its samples; a number: a hole up to there
        self.positioned, self.half = None, b""
        self.end, self.stops = None, []
        self.task = asyncio.ensure_future(self.listen())
        asyncio.get_event_loop().call_later(FORGET_AFTER_S, lambda: (self.task.cancel(), SESSIONS.pop(self.id, None)))

    def samples(self, ms):
        return ms * self.rate // 1000

    def ms(self, samples):
        return round(samples * 1000 / self.rate)

    @property
    def limit(self):
        return self.next - self.unheard + self.samples(LIMITS["creditMs"])

    def watermarks(self):
        return {"sessionId": self.id, "nextPos": self.next, "committedPos": self.committed, "limitPos": self.limit,
                "settledIndex": len(self.finals) - 1}

    def emit(self, event, data):
        if self.connection:
            self.connection.emit(event, {"sessionId": self.id, **data})

    def attach(self, connection, client):
        if self.connection and client != self.client:
            self.emit("error", Refusal("TAKEN_OVER").wire)
        elif self.connection and self.connection is not connection:
            self.connection.close()
        self.connection, self.client = connection, client

    def audio(self, pos, pcm):
        if self.positioned is None:
            self.positioned = pos is not None
        if self.positioned != (pos is not None):
            return self.refuse("MIXED_FRAMES")
        if pos is None:
            pcm = self.half + pcm
            pos, pcm, self.half = self.next, pcm[: len(pcm) // 2 * 2], pcm[len(pcm) // 2 * 2 :]
        elif self.end is not None:
            pcm = pcm[: max(0, self.end - pos) * 2]
        end = pos + len(pcm) // 2
        if end > self.limit:
            if not self.positioned:  # it will not come again
                self.skip(pos, end)
            return self.refuse("TOO_FAST")
        if pos > self.next:
            return self.refuse("AUDIO_GAP")
        if end > self.next:
            self.queue.append(pcm[(self.next - pos) * 2 :])
            self.unheard += end - self.next
            self.next = end

    def refuse(self, code):
        self.emit("error", Refusal(code, nextPos=self.next).wire)

    def skip(self, from_pos, to_pos):
        if from_pos > self.next or to_pos - self.next > self.samples(MAX_SKIP_MS):
            raise Refusal("BAD_REQUEST", detail="skip")
        if to_pos > self.next:
            self.queue.append(to_pos)
            self.next = to_pos

    async def listen(self):
        last, told = 0, None
        while self.state == "live":
            self.hear(self.samples(HEARD_PER_TICK_MS))
            if self.end is not None and self.next >= self.end and not self.queue:
                self.complete()
            elif time.monotonic() - last >= PROGRESS_S and self.watermarks() != told:
                last, told = time.monotonic(), self.watermarks()
                self.emit("progress", told)
            await asyncio.sleep(TICK_S)

    def hear(self, budget):
        """Takes windows off the queue; audio shorter than one is joined with what follows it."""
        size = self.samples(WINDOW_MS) * 2
        while self.queue and budget > 0:
            pcm, *rest = self.queue
            if isinstance(pcm, int):
                self.close_sentence()
                self.heard, self.queue = pcm, rest
            elif len(pcm) < size and rest and not isinstance(rest[0], int):
                self.queue = [pcm + rest[0], *rest[1:]]
            else:
                values = array.array("h", pcm[:size])
                self.queue = ([pcm[size:]] if len(pcm) > size else []) + rest
                self.unheard, budget = self.unheard - len(values), budget - len(values)
                self.window(len(values), max(values) - min(values) > LOUD)

    def window(self, samples, loud):
        start, self.heard = self.heard, self.heard + samples
        if loud:
            self.opened = start if self.opened is None else self.opened
            self.loud_until = self.heard
            if self.sentence()["text"] != self.interim:
                self.interim = self.sentence()["text"]
                self.emit("result", {"index": len(self.finals), "final": False, **self.sentence()})
        elif self.opened is None:
            self.committed = max(self.committed, self.heard - self.samples(MARGIN_MS))
        elif self.heard - self.loud_until >= self.samples(SILENCE_MS):
            self.close_sentence()

    def sentence(self):
        text = f"〔语音 {(self.loud_until - self.opened) / self.rate:.1f} 秒〕"
        return {"text": text, "startMs": self.ms(self.opened), "endMs": self.ms(self.loud_until)}

    def close_sentence(self):
        if self.opened is not None:
            self.finals.append(self.sentence())
            self.committed, self.opened, self.interim = self.loud_until, None, ""
            self.resend(len(self.finals) - 2)

    def resend(self, have_index):
        for index in range(have_index + 1, len(self.finals)):
            self.emit("result", {"index": index, "final": True, **self.finals[index]})

    def stop(self, end, answer):
        """`answer` is called with what `stop` answers, or with a Refusal."""
        if self.ended:
            return answer(self.ended)
        self.stops.append(answer)
        if self.end is None:
            self.end = self.next if end is None else end
            asyncio.get_event_loop().call_later(MISSING_AUDIO_S, self.give_up_stop)

    def give_up_stop(self):
        if self.state == "live" and self.end is not None and self.next < self.end:
            self.end = None
            self.answer_stops(Refusal("AUDIO_GAP"))

    def answer_stops(self, given):
        stops, self.stops = self.stops, []
        for answer in stops:
            answer(given)

    def complete(self):
        self.close_sentence()
        self.state, self.committed = "completed", self.next
        self.ended = {"id": self.id, "sentences": len(self.finals), "durationMs": self.ms(self.next)}
        self.emit("completed", {**self.ended, "state": self.state})
        self.answer_stops(self.ended)

    def cancel(self):
        self.state = "cancelled"
        self.answer_stops(Refusal("SESSION_ENDED"))

class Connection:
    """One client, whichever transport: checks what it says, and answers."""

    def __init__(self, emit, close):
        self.emit, self.close, self.ticket, self.session = emit, close, None, None

    def gone(self):
        if self.session and self.session.connection is self:
            self.session.connection = None

    def is_live(self):
        return self.session is not None and self.session.state == "live" and self.session.connection is self

    def live(self):
        if not self.is_live():
            raise Refusal("SESSION_ENDED" if self.session else "NOT_STARTED")
        return self.session

    def handle(self, event, payload, ack):
        """`ack` takes the answer; None: none was asked for."""
        def answer(given):
            if isinstance(given, Refusal):
                ack({"error": given.wire}) if ack else self.emit("error", given.wire)
            elif ack:
                ack(given)
        try:
            if event not in ("start", "stop", "skip", "cancel"):
                raise Refusal("UNKNOWN_EVENT")
            getattr(self, event)({} if payload is None else payload, answer)
        except Refusal as refusal:
            answer(refusal)

    def start(self, request, answer):
        rate = rate_of(request)
        if self.is_live():
            raise Refusal("ALREADY_STARTED")
        user = self.user(request.get("token"))
        session_id, client = request.get("sessionId", str(uuid.uuid4())), request.get("clientId", "")
        resume = request.get("resume", {})
        have_index, take_over = resume.get("haveIndex", -1), resume.get("takeOver", True)
        session = SESSIONS.get(session_id)
        if session is None:
            if have_index >= 0:
                raise Refusal("NOT_FOUND")
            session = SESSIONS[session_id] = Session(session_id, user, client, rate)
        stolen = session.state == "live" and session.client != client and not take_over
        if session.user != user or session.state == "cancelled" or session.rate != rate or stolen:
            raise Refusal("FORBIDDEN" if session.user != user else "SESSION_ENDED" if session.state == "cancelled"
                          else "TAKEN_OVER" if stolen else "BAD_SAMPLE_RATE")
        session.attach(self, client)
        self.session = session
        told = {**session.watermarks(), "state": session.state, "nextIndex": len(session.finals), "limits": LIMITS}
        answer(told if session.state == "live" else {**told, "limitPos": session.next})
        if session.state == "live":
            session.emit("ready", {"nextPos": session.next})
        session.resend(have_index)
        if session.ended:
            session.emit("completed", {**session.ended, "state": session.state})

    def user(self, token):
        if self.ticket and time.time() <= self.ticket[1] + LEEWAY_S:
            return self.ticket[0]
        if self.ticket and token is None:
            raise Refusal("TICKET_EXPIRED")
        return user_of(token)[0]

    def audio(self, data, pos=None, encoding=None):
        try:
            if pos is not None and not is_position(pos):
                raise Refusal("BAD_REQUEST", detail="pos")
            data = data.get("audio") if isinstance(data, dict) else data
            data = base64.b64decode(data, validate=True) if isinstance(data, str) else data
            if encoding not in (None, "pcm") or not isinstance(data, bytes) or not data or (pos is not None and len(data) % 2):
                raise Refusal("BAD_AUDIO")
            if len(data) > LIMITS["maxFrameBytes"]:
                raise Refusal("TOO_LARGE")
            if self.session and not self.is_live():
                return  # it was on its way
            self.live().audio(pos if pos is None else int(pos), data)
        except (Refusal, ValueError) as error:  # ValueError: no base64
            self.emit("error", (error if isinstance(error, Refusal) else Refusal("BAD_AUDIO")).wire)

    def stop(self, payload, answer):
        end = payload.get("endPos") if isinstance(payload, dict) else payload
        if end is not None and not is_position(end):
            raise Refusal("BAD_REQUEST", detail="endPos")
        (self.session if self.session and self.session.ended else self.live()).stop(end, answer)

    def skip(self, payload, answer):
        from_pos, to_pos = (payload.get(name) if isinstance(payload, dict) else None for name in ("fromPos", "toPos"))
        if not (is_position(from_pos) and is_position(to_pos) and to_pos > from_pos):
            raise Refusal("BAD_REQUEST", detail="skip")
        self.live().skip(from_pos, to_pos)
        answer({"nextPos": self.session.next})

    def cancel(self, _payload, answer):
        self.live().cancel()
        self.session = None
        answer({"ok": True})

class WebSocket:
    """Frames of RFC 6455 on a connection whose handshake is done."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    def send(self, data, opcode=1):
        body = data.encode() if isinstance(data, str) else data
        small, medium = len(body) < 126, len(body) < 65536
        size = bytes([len(body)]) if small else struct.pack(*(">BH", 126) if medium else (">BQ", 127), len(body))
        if not self.writer.is_closing():
            self.writer.write(bytes([0x80 | opcode]) + size + body)

    def close(self, code=1001):
        self.send(struct.pack(">H", code), 8)
        self.writer.close()

    async def messages(self):
        """Text as str, binary as bytes."""
        message, kind = b"", 0
        while True:
            first, second = await self.reader.readexactly(2)
            opcode, size = first & 15, second & 127
            if size > 125:
                size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8), "big")
            if size + len(message) > MAX_MESSAGE_BYTES or opcode == 8:
                self.close(1000 if opcode == 8 else 1009)
                return
            mask, masked = await self.reader.readexactly(4), await self.reader.readexactly(size)
            mask = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
            body = (int.from_bytes(masked, "big") ^ mask).to_bytes(size, "big")
            if opcode == 9:
                self.send(body, 10)
            elif opcode < 3:
                message, kind = message + body, opcode or kind
                if first & 128:
                    yield message.decode() if kind == 1 else message
                    message = b""

async def every(seconds, work):
    while True:
        await asyncio.sleep(seconds)
        work()

async def plain(socket, ticket):
    """Plain WebSocket, in whichever of the two ways the first message is written."""
    shape, label = None, {}
    def emit(event, data):
        ways = {"event": {"event": event, "data": data}, "type": {**data, "type": event}}
        socket.send(json.dumps(ways[shape] if shape else {**ways["type"], **ways["event"]}))
    connection = Connection(emit, socket.close)
    try:
        connection.ticket = None if ticket is None else user_of(ticket)
    except Refusal as refusal:
        emit("error", refusal.wire)
        return socket.close(4401)
    ping = asyncio.ensure_future(every(PING_S, lambda: socket.send(b"", 9)))
    try:
        async for message in socket.messages():
            if isinstance(message, bytes):
                connection.audio(message, label.get("pos"), label.get("encoding"))
                label = {}
                continue
            try:
                said = json.loads(message)
                names = [name for name in ((shape,) if shape else ("event", "type")) if isinstance(said.get(name), str)]
            except (ValueError, AttributeError):
                names = []
            if not names:
                emit("error", Refusal("BAD_REQUEST").wire)
                continue
            shape, ack_id = names[0], said.get("id")
            payload = said.get("data") if shape == "event" else {name: said[name] for name in said if name not in ("type", "id")}
            frame = payload if shape == "event" else said.get("audio", said.get("data"))
            def ack(data, id=ack_id):
                socket.send(json.dumps({"ack": id, "data": data} if shape == "event" else {"type": "ack", "id": id, "data": data}))
            if said[shape] != "audio":
                connection.handle(said[shape], payload, ack if ack_id is not None else None)
            elif frame is None and said.get("pos") is not None:
                label = said
            else:
                connection.audio(frame, said.get("pos"), said.get("encoding"))
    finally:
        ping.cancel()
        connection.gone()

ROUTES = {"/ws": plain, "/api/realtime-voice/stream": plain}

async def serve(reader, writer):
    try:
        request, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        url = urlsplit(request.split(" ")[1])
        if url.path not in ROUTES or "sec-websocket-key" not in headers:
            body = json.dumps({"error": {**Refusal("NOT_FOUND").wire, "paths": list(ROUTES)}})
            writer.write(f"HTTP/1.1 404 Not Found\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
            return
        accept = hashlib.sha1(f'{headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11'.encode()).digest()
        writer.write(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     f"Sec-WebSocket-Accept: {base64.b64encode(accept).decode()}\r\n\r\n".encode())
        bearer = re.match(r"Bearer +(\S+)", headers.get("authorization", ""), re.I)
        await ROUTES[url.path](WebSocket(reader, writer), parse_qs(url.query).get("ticket", [bearer and bearer[1]])[0])
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        pass  # it has gone
    finally:
        writer.close()

async def main():
    keys = (part.strip().rpartition(":") for part in os.environ["TICKET_SECRET"].split(","))
    KEYS.update({kid or "k1": secret.encode() for kid, _, secret in keys})
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 3100)
    print(f"ready http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()

if __name__ == "__main__":
    asyncio.run(main())
