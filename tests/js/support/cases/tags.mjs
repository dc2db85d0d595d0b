// Tags of the caller, and where the protocol's tags are inserted.
import { network } from '../replies.mjs'

// Each is `Name=value`. Data-Protocol starts a section.
const lists = `
A=1
A=1 B=2 A=3
SDK=mine
Variant=v
variant=v
VARIANT=v A=1
Variant= A=1
Type=X
type=X
Content-Type=text/html
content-type=text/html A=1
A= B=2
Data-Protocol=ao
data-protocol=ao A=1
Data-Protocol=AO Type=X
Data-Protocol= A=1
A=1 Data-Protocol=ao B=2
Data-Protocol=ao A=1 Type=X Variant=q B=2
Data-Protocol=ao Type=X
Data-Protocol=ao Type=Process
Data-Protocol=ao SDK=mine
Data-Protocol=ao variant=2
Data-Protocol=ao Variant= A=1
Type=X Data-Protocol=ao Type=Y
Variant=1 Data-Protocol=ao Variant=2
variant=1 Data-Protocol=ao Variant=2
A=1 Data-Protocol=ao B=2 Content-Type=json
Module=x Scheduler=y Timestamp=5
Data-Protocol=ao Module=x Scheduler=y Timestamp=5 Z=1
Data-Protocol=ao Data-Protocol=ao A=1
Data-Protocol=ao A=1 Data-Protocol=ao B=2
Data-Protocol=other
Data-Protocol=other A=1
A=1 Data-Protocol=other B=2
Data-Protocol=other SDK=mine Type=T Variant=W
Data-Protocol=other Variant=2 Data-Protocol=ao Variant=3
A=1 Data-Protocol=other B=2 Data-Protocol=ao C=3
A=1 Data-Protocol=ao B=2 Data-Protocol=other C=3
Data-Protocol=other A=1 Data-Protocol=third B=2
Data-Protocol=other C=3 Data-Protocol=other D=4
Data-Protocol=ao Data-Protocol=other C=3
Data-Protocol=ao Type=X Data-Protocol=other C=3
Data-Protocol=ao Type=X Z=1 Data-Protocol=other C=3
Data-Protocol=ao Module=x Data-Protocol=other C=3
Data-Protocol=ao Scheduler=x Type=y Data-Protocol=other C=3
Data-Protocol=ao Data-Protocol=ao Data-Protocol=other C=3
Data-Protocol=other C=3 Data-Protocol=ao Data-Protocol=third D=4
Data-Protocol=other C=3 Data-Protocol=ao Type=X Data-Protocol=third D=4
Data-Protocol=other C=3 Data-Protocol=ao B=1 Data-Protocol=other D=4
Data-Protocol=ao A=1 Data-Protocol=other Type=O Variant=V Data-Protocol=ao B=2
Data-Protocol=other C=3 Data-Protocol=ao A=1 Data-Protocol=ao Type=Q B=2 Data-Protocol=ao C=3
`

const parse = (line) =>
  line.split(' ').map((tag) => {
    const [name, value] = tag.split('=')
    return { name, value }
  })

const fields = {
  message: ({ process }) => ({ process }),
  signMessage: ({ process }) => ({ process }),
  spawn: ({ module, scheduler }) => ({ module, scheduler })
}

const sections = lists
  .trim()
  .split('\n')
  .flatMap((line) =>
    Object.entries(fields).flatMap(([verb, required]) =>
      ['data', undefined].map((data) => ({
        name: `${verb} ${data ? 'with' : 'without'} data, tags ${line}`,
        async call(ao, ctx) {
          const tags = parse(line)
          const value = await ao[verb]({ ...required(ctx), signer: ctx.signer, data, tags })
          if (JSON.stringify(tags) !== JSON.stringify(parse(line))) throw new Error("the caller's tags were changed")
          return value
        }
      }))
    )
  )

const unusual = {
  unicode: [{ name: 'né', value: '€ 😀' }],
  'control characters': [{ name: 'a\nb', value: 'c\r\nd\u0000' }],
  'a further member in a tag': [{ name: 'a', value: 'b', extra: 1 }],
  'the most tags that the protocol allows': Array.from({ length: 124 }, (_, index) => ({
    name: `n${index}`,
    value: 'v'
  })),
  'a name of 1024 bytes': [{ name: 'n'.repeat(1024), value: 'v' }],
  'a value of 3072 bytes': [{ name: 'n', value: 'v'.repeat(3072) }]
}

export const tags = [
  ...sections,
  ...Object.entries(unusual).map(([label, list]) => ({
    name: `message with tags: ${label}`,
    call: (ao, { process, signer }) => ao.message({ process, signer, data: 'd', tags: list })
  }))
].map((entry) => ({ replies: network(), ...entry }))
