// A program that stores one pin more, again and again, until it is killed: `pinner.js FOLDER NAME`. It says how many are stored.
import { isLeft } from 'fp-ts/lib/Either.js'
import { pins, type ContactId, type ContactName } from '../../core/index.js'
import { pinBook } from '../../shell/identity/pins.js'
import type { IdentityName } from '../../shell/identity/secrets.js'

const [, , folder = '', name = ''] = process.argv
const id = 'a'.repeat(64) as ContactId
const book = await pinBook(folder, name as IdentityName)()
if (isLeft(book)) throw new Error(book.left.sentence)
for (let held = book.right.pins; ; ) {
  held = pins.pinContact(held, { server: id, name: `contact ${held.contacts.size}` as ContactName, id })
  const stored = await book.right.store(held)()
  if (isLeft(stored)) throw new Error(stored.left.sentence)
  console.log(`stored ${held.contacts.size}`)
}
