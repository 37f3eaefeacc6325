// The yardstick of a server: the least that a Node program can do with a datagram and still answer it. `node echo.js <reply>`
// answers every datagram with that text, whatever came; it prints its port.
import { createSocket } from 'node:dgram'

const reply = Buffer.from(process.argv[2] ?? '')
const socket = createSocket('udp4')
socket.on('message', (_bytes, source) => socket.send(reply, source.port, source.address))
socket.bind(0, '127.0.0.1', () => console.log(socket.address().port))
