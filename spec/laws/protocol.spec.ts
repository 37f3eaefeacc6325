// PROTOCOL.md can be read by whoever looks for the rules that no test shows, as the check `rules` does behind the tests.
import { deepEqual, ok } from 'node:assert/strict'
import { ruleTitles } from '../protocol.js'

const letters = ['A', 'C', 'D', 'G', 'I', 'P', 'Q', 'R', 'S', 'V', 'W']

describe('the protocol document', () => {
  it('says each rule once, under a number of its letter that no other has', () => {
    const titles = ruleTitles()
    const sentences = titles.map((title) => title.slice(title.indexOf(' ') + 1))
    deepEqual(sentences.filter((sentence, i) => sentences.indexOf(sentence) !== i), [])
    for (const letter of letters) ok(titles.some((title) => title.startsWith(`${letter}1 `)), letter)
  })
})
