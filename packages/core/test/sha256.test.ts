import { assert, asyncProperty, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../src/sha256.ts'

/** What the platform says. */
async function platform(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Buffer.from(hash).toString('hex')
}

describe('SHA-256', () => {
  it('of nothing, and of a million letters, is what its standard says', () => {
    expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(sha256('a'.repeat(1_000_000))).toBe('cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0')
  })

  it('is that of the platform for every length around a block', async () => {
    for (let length = 0; length < 200; length++) {
      const text = 'é'.repeat(length >> 1) + 'x'.repeat(length & 1)
      expect(sha256(text), String(length)).toBe(await platform(text))
    }
  })

  it('is that of the platform for any text', async () => {
    await assert(
      asyncProperty(string({ maxLength: 300 }), async (text) => {
        expect(sha256(text)).toBe(await platform(text))
      }),
    )
  })
})
