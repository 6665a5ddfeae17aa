-- Starts Layerwise for Dockerfiles, in Neovim 0.7 and later.

local function clients()
  return vim.tbl_filter(function(c) return c.name == 'layerwise' end, (vim.lsp.get_clients or vim.lsp.get_active_clients)())
end

-- What it writes counts too, such as a file of the build context; on Linux, Neovim does not watch files for
-- servers.
vim.api.nvim_create_autocmd('BufWritePost', {
  callback = function(args)
    local written = { changes = { { uri = vim.uri_from_bufnr(args.buf), type = 2 } } }
    for _, c in ipairs(clients()) do
      if vim.fn.has('nvim-0.11') == 1 then
        c:notify('workspace/didChangeWatchedFiles', written)
      else
        c.notify('workspace/didChangeWatchedFiles', written)
      end
    end
  end,
})

-- Of these, what is not written yet counts too: a fix leaves .dockerignore as a changed buffer.
vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile' }, {
  pattern = { '*.dockerignore', '.layerwise.yaml', '.layerwise.yml' },
  callback = function(args)
    for _, c in ipairs(clients()) do
      vim.lsp.buf_attach_client(args.buf, c.id)
    end
  end,
})

if vim.lsp.enable then -- 0.11: lsp/layerwise.lua has the rest
  vim.lsp.enable('layerwise')
  return
end

local function root(file)
  local found = vim.fs and vim.fs.find({ '.layerwise.yaml', '.git' }, { path = file, upward = true })[1]
  return vim.fn.fnamemodify(found or file, ':p:h')
end

local client -- the one of Neovim 0.7, which does not look for it by itself

local function start(args)
  if vim.fn.executable('layerwise') == 0 then
    vim.notify_once('Layerwise: the program layerwise is not on the PATH', vim.log.levels.WARN)
    return
  end
  local config = { name = 'layerwise', cmd = { 'layerwise', 'lsp' }, root_dir = root(args.file) }
  if vim.lsp.start then -- 0.8
    vim.lsp.start(config)
    return
  end
  if not (client and vim.lsp.get_client_by_id(client)) then
    client = vim.lsp.start_client(config)
  end
  vim.lsp.buf_attach_client(args.buf, client)
end

vim.api.nvim_create_autocmd('FileType', { pattern = 'dockerfile', callback = start })
