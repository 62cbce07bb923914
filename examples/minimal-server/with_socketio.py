"""server.py with Socket.IO as well, so that the mini-program can use it: Engine.IO 4, Socket.IO 5, the WebSocket transport."""
import asyncio, json, re, uuid
import server
from server import Connection, Refusal, every

NAMESPACE = "/realtime-voice"

async def socket_io(socket, ticket):
    """Engine.IO 4 and Socket.IO 5: text packets `42/realtime-voice,<id>[…]`, binary events with their attachments behind."""
    send = lambda kind, data: socket.send(f"4{kind}{NAMESPACE},{data}")
    connection = Connection(lambda event, data: send(2, json.dumps([event, data])), socket.close)
    joined, waiting, attached = False, None, []
    socket.send("0" + json.dumps({"sid": uuid.uuid4().hex, "upgrades": [], "pingInterval": server.PING_S * 1000, "pingTimeout": server.PING_S * 1000}))
    ping = asyncio.ensure_future(every(server.PING_S, lambda: socket.send("2")))

    def heard(ack_id, args):
        ack = (lambda given: send(3, f"{ack_id}{json.dumps([given])}")) if ack_id else None
        if args[0] != "audio":
            connection.handle(args[0], args[1] if len(args) > 1 else None, ack)
        elif len(args) > 2 or isinstance(args[1], (int, float)):
            connection.audio(args[2], args[1], args[3] if len(args) > 3 else None)
        else:
            connection.audio(args[1], None, args[1].get("encoding") if isinstance(args[1], dict) else None)
    try:
        async for message in socket.messages():
            if isinstance(message, bytes):
                attached.append(message)
                if waiting and len(attached) == waiting[2]:
                    fill = lambda arg: attached[arg["num"]] if isinstance(arg, dict) and "_placeholder" in arg else arg
                    heard(waiting[0], [fill(arg) for arg in waiting[1]])
                    waiting, attached = None, []
                continue
            packet = re.fullmatch(r"4([0125])(?:(\d+)-)?(?:(/[^,]*),)?(\d*)(.*)", message, re.S)
            if not packet:
                continue  # an answer to a ping
            kind, attachments, namespace, ack_id, data = packet.groups()
            if kind == "0" and namespace != NAMESPACE:
                socket.send('44{"message":"Invalid namespace"}')
            elif kind == "0":
                try:
                    given = json.loads(data or "{}").get("ticket", ticket)
                    connection.ticket = None if given is None else server.user_of(given)
                    joined = True
                    send(0, json.dumps({"sid": uuid.uuid4().hex}))
                except Refusal as refusal:
                    send(4, json.dumps({"message": refusal.wire["message"], "data": refusal.wire}))
            elif kind == "1":
                return socket.close(1000)
            elif joined and kind == "2":
                heard(ack_id, json.loads(data))
            elif joined:
                waiting, attached = (ack_id, json.loads(data), int(attachments)), []
    finally:
        ping.cancel()
        connection.gone()

if __name__ == "__main__":
    server.ROUTES["/socket.io/"] = socket_io
    asyncio.run(server.main())
