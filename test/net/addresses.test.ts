import { describe, expect, it } from 'vitest'
import { isAllowedAddress, isPublicAddress, parseCidrs } from '../../src/platform/net/addresses.ts'
import { checkWebhookUrl } from '../../src/platform/net/webhook-url.ts'

const PRIVATE = `
  0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 127.0.0.1 127.255.255.254 172.16.0.1 172.31.255.255 192.168.1.1
  169.254.169.254 100.64.0.1 100.100.100.200 100.127.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.31.196.1
  192.175.48.1 192.52.193.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255
  240.0.0.1 255.255.255.255 168.63.129.16
  :: ::1 ::7f00:1 ::127.0.0.1 ::ffff:a9fe:a9fe ::ffff:127.0.0.1 ::ffff:168.63.129.16 100::1 100:0:0:1::1 4000::1
  64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 2002:7f00:1:: 2001::1 2001:2::1 2001:10::1 2001:20::1
  2001:1ff::1 2001:db8::1 3fff::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1 5f00::1
  2620:4f:8000::1`

const PUBLIC = `
  8.8.8.8 1.1.1.1 172.15.255.255 172.32.0.1 100.63.255.255 100.128.0.1 192.0.1.1 11.0.0.1 223.255.255.255
  168.63.129.17 2001:200::1 2001:4860:4860::8888 2606:4700:4700::1111 ::ffff:8.8.8.8`

const NO_ADDRESS = [
  '',
  '127.1',
  '0x7f.1',
  '2130706433',
  '017700000001',
  '8.8',
  'example.com',
  '[::1]',
  ' 8.8.8.8',
]

const words = (text: string) => text.trim().split(/\s+/)

it.each(words(PRIVATE))('keeps %s out', (address) => {
  expect(isPublicAddress(address)).toBe(false)
})

it.each(words(PUBLIC))('lets %s through', (address) => {
  expect(isPublicAddress(address)).toBe(true)
})

it.each(NO_ADDRESS)('takes %j for no address', (text) => {
  expect(isPublicAddress(text)).toBe(false)
})

it('lets a named network through and nothing beside it', () => {
  const allow = parseCidrs(['127.0.0.0/8', 'fd00:1::/32'])
  expect(isAllowedAddress('127.0.0.1', allow)).toBe(true)
  expect(isAllowedAddress('::ffff:127.0.0.1', allow)).toBe(true)
  expect(isAllowedAddress('fd00:1::5', allow)).toBe(true)
  expect(isAllowedAddress('fd00:2::5', allow)).toBe(false)
  expect(isAllowedAddress('::7f00:1', allow)).toBe(false)
  expect(isAllowedAddress('10.0.0.1', allow)).toBe(false)
  expect(isAllowedAddress('127.1', allow)).toBe(false)
  expect(isAllowedAddress('8.8.8.8', allow)).toBe(true)
})

it('names the range that it cannot read', () => {
  expect(() => parseCidrs(['10.0.0.0/8', '10.0.0.0/33'])).toThrow('10.0.0.0/33')
  expect(() => parseCidrs(['10.0.0.0'])).toThrow('10.0.0.0')
})

const live = { allowCidrs: [], requireHttps: true }
const development = { allowCidrs: ['127.0.0.0/8', '::1/128'], requireHttps: false }

describe('a URL in live mode', () => {
  it.each([
    ['https://shop.example/hook', undefined],
    ['https://shop.example:8443/hook?a=1', undefined],
    ['https://shop.example:443/', undefined],
    ['https://8.8.8.8/', undefined],
    ['https://상점.example/', undefined],
    ['http://shop.example/', 'scheme'],
    ['ftp://shop.example/', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['https://user@shop.example/', 'credentials'],
    ['https://:pass@shop.example/', 'credentials'],
    ['https://shop.example/#top', 'fragment'],
    ['https://shop.example/#', 'fragment'],
    ['https://shop.example:22/', 'port'],
    ['https://shop.example:80/', 'port'],
    ['not a url', 'malformed'],
    ['https://', 'malformed'],
    ['https://[fe80::1%25eth0]/', 'malformed'],
    ['https://localhost/', 'private_name'],
    ['https://localhost./', 'private_name'],
    ['https://LOCALHOST/', 'private_name'],
    ['https://a.localhost/', 'private_name'],
    ['https://metadata.google.internal/', 'private_name'],
    ['https://metadata.google.internal./', 'private_name'],
    ['https://printer.local/', 'private_name'],
    ['https://kubernetes/', 'private_name'],
    [`https://shop.example/${'a'.repeat(2_048)}`, 'too_long'],
  ])('%s is %s', (url, fault) => {
    expect(checkWebhookUrl(url, live)).toBe(fault)
  })

  it.each([
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '2130706433',
    '017700000001',
    '①②⑦.⓪.⓪.①',
    '0',
    '0.0.0.0',
    '10.1.2.3',
    '169.254.169.254',
    '100.100.100.200',
    '255.255.255.255',
    '168.63.129.16',
    '[::]',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[fd00:ec2::254]',
    '[fe80::1]',
  ])('the literal %s is blocked', (host) => {
    expect(checkWebhookUrl(`https://${host}/`, live)).toBe('blocked_address')
  })
})

it.each([
  ['http://127.0.0.1:3000/hook', undefined],
  ['http://[::1]:3000/hook', undefined],
  ['http://localhost:3000/hook', undefined],
  ['http://10.0.0.1/', 'blocked_address'],
  ['http://user:pass@127.0.0.1/', 'credentials'],
  ['gopher://127.0.0.1/', 'scheme'],
])('%s in development, with loopback let through, is %s', (url, fault) => {
  expect(checkWebhookUrl(url, development)).toBe(fault)
})
