// The yardstick of a ring: the least that a Node program can do to pass a datagram on. `node forward.js <port>` sends every datagram,
// as it came, to that port; it prints its own.
import { createSocket } from 'node:dgram'

const next = Number(process.argv[2])
const socket = createSocket('udp4')
socket.on('message', (bytes) => socket.send(bytes, next, '127.0.0.1'))
socket.bind(0, '127.0.0.1', () => console.log(socket.address().port))
