import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { AccountProvider } from './accounts'
import { App } from './components/App'
import { queryClient } from './query-client'
import './style.css'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <AccountProvider>
        <App />
      </AccountProvider>
    </QueryClientProvider>
  </StrictMode>
)
