import { createLocalNetwork } from 'aoxide/local'

const url = `${location.origin}/ao`
const network = createLocalNetwork({ storage: 'indexeddb', url })

addEventListener('fetch', (event) => {
  if (event.request.url.startsWith(`${url}/`)) event.respondWith(network.then(({ fetch }) => fetch(event.request)))
})

// Takes over the page on the first visit, without a reload.
addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(clients.claim()))
