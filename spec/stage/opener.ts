// Holds a store until it is killed: `opener.js FOLDER`.
import { cabinet, counts, held, opening } from './cabinet.js'

const { put } = await cabinet(opening(process.argv[2] ?? ''))
held(await put(counts(1, 5)))
console.log('open')
process.stdin.resume()
