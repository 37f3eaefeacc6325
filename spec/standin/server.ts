// The original server, as a stand-in to test interoperability against: `node server.js <port> [host]`, host 127.0.0.1 if not given.
// It imports nothing of ours: a second reading of the facts of the classic system. It prints `listening on <port>` when it can be
// reached, answers each request at once, saves files into its working directory, and dies of the first malformed datagram.
import { answer, type Registry } from './registry.js'
import { bindFrom, listen, send } from './sockets.js'

const [port, host = '127.0.0.1'] = process.argv.slice(2)
if (port === undefined) throw new Error('usage: server <port> [host]')
const registry: Registry = { contacts: new Map(), lists: new Map() }

const socket = await bindFrom(host, Number(port))
listen(socket, (request, from) => {
  send(socket, answer(registry, request), from)
})
console.log(`listening on ${socket.address().port}`)
