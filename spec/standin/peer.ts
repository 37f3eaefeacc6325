// The original peer, as a stand-in to test interoperability against: `node peer.js <server-ip> <server-port> [host]`, host 127.0.0.1
// if not given. It imports nothing of ours. Its prompts are left out, so that all it says are lines that a test can wait for:
//     ports <P> <P+1>     REPLY <datagram>     MESSAGE <from>: <text as JSON>     COMPLETE <names as JSON>     USAGE <a bad command>
// P is for requests and replies, P+1 for relays. It waits for ever for a lost reply, outlives the end of its input, and dies of the
// first malformed datagram on either port.
import { dumps, type Json } from './dumps.js'
import { lines } from './lines.js'
import { loads } from './loads.js'
import { advance, launch, type Step } from './relay.js'
import { bindPairFrom, listen, send } from './sockets.js'

interface Reply {
  readonly code: number
  readonly body: Json
}

/** How many arguments a command has. The original drops those that are too many: `create "list 1"` makes a list `"list`. */
const commands: ReadonlyMap<string, number> = new Map([
  ['register', 3],
  ['create', 1],
  ['query-lists', 0],
  ['join', 2],
  ['leave', 2],
  ['im-start', 2],
  ['im-complete', 2],
  ['save', 1],
  ['exit', 1],
])

const [serverIp, serverPort, host = '127.0.0.1'] = process.argv.slice(2)
if (serverIp === undefined || serverPort === undefined) throw new Error('usage: peer <server-ip> <server-port> [host]')
const server = { ip: serverIp, port: Number(serverPort) }
const [requests, relays] = await bindPairFrom(host, server.port)

const readReply = (datagram: string): Reply => {
  const [code = '', body = '', ...more] = datagram.split('-_-')
  if (!/^\d+$/.test(code) || more.length > 0) throw new Error(`no reply: ${datagram}`)
  return { code: Number(code), body: loads(body) }
}

/** A reply that nobody waits for, such as the second copy of one, is shown and has no effect. */
let deliver: ((reply: Reply) => void) | undefined

const ask = (request: readonly string[]): Promise<Reply> =>
  new Promise((resolve) => {
    deliver = resolve
    send(requests, request.join('-_-'), server)
  })

const perform = ({ shown, passed, complete }: Step): void => {
  if (shown !== undefined) console.log(`MESSAGE ${shown.from}: ${dumps(shown.text)}`)
  if (passed !== undefined) send(relays, passed.datagram, passed.to)
  if (complete !== undefined) console.log(`COMPLETE ${dumps(complete)}`)
}

listen(requests, (datagram) => {
  const reply = readReply(datagram)
  console.log(`REPLY ${datagram}`)
  deliver?.(reply)
})
listen(relays, (datagram) => {
  perform(advance(loads(datagram)))
})
console.log(`ports ${requests.address().port} ${relays.address().port}`)

const input = lines(process.stdin)
for await (const line of input) {
  const [word = '', ...args] = line.split(/\s+/).filter((part) => part !== '')
  const wanted = commands.get(word)
  if (wanted === undefined || args.length < wanted) {
    console.log(`USAGE ${line}`)
    continue
  }
  const { code, body } = await ask([word, ...args.slice(0, wanted)])
  if (code === 200 && word === 'exit') process.exit(0)
  if (code !== 200 || word !== 'im-start') continue
  const text = await input.next()
  if (!text.done) perform(launch(body, text.value))
}
