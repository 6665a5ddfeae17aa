---@brief
---
--- Layerwise tells what the next build of a Dockerfile will rerun, and why, and fixes it.
---
--- Nothing but the binary `layerwise` on the PATH is needed. Settings have the form of
--- `.layerwise.yaml`:
---
--- ```lua
--- vim.lsp.config('layerwise', {
---   settings = { layerwise = { rules = { ['final-user-missing'] = 'off' } } },
--- })
--- ```
---@type vim.lsp.Config
return {
  cmd = { 'layerwise', 'lsp' },
  filetypes = { 'dockerfile' },
  root_markers = { '.layerwise.yaml', '.git' },
  -- plugin/layerwise.lua has the command, which shows the uses of a stage when its lens is run.
  capabilities = { experimental = { commands = { commands = { 'layerwise.showReferences' } } } },
}
