// A program that serves an operator until it is killed: `listener.js SOCKET`. It says `listening`.
import { listen } from '../../shell/control.js'

const [, , path = ''] = process.argv
await listen(path, (words) => Promise.resolve({ code: 200, name: 'Done', sentence: 'done', lines: words }))()
console.log('listening')
