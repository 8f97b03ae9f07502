// The first step of every npm command: it needs Node alone, and brings the packages and the build that the rest needs.
// Written for old versions of Node too, so that they get the sentence below and no syntax error.
const NEEDED = [20, 19]
const found = process.versions.node.split('.').map(Number)

if (found[0] < NEEDED[0] || (found[0] === NEEDED[0] && found[1] < NEEDED[1])) {
  console.error(
    `Baro needs Node ${NEEDED.join('.')} or newer; this is ${process.versions.node}. See https://nodejs.org`,
  )
  process.exit(1)
}

import('./commands.mjs')
  .then(({ runCommand }) => runCommand(process.argv[2], process.argv.slice(3)))
  .catch((error) => {
    console.error(error.expected ? `baro: ${error.message}` : error)
    process.exitCode = error.exitCode || 1
  })
