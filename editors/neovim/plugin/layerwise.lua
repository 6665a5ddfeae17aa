-- Starts Layerwise for Dockerfiles, in Neovim 0.7 and later.

local function clients()
  return vim.tbl_filter(function(c) return c.name == 'layerwise' end, (vim.lsp.get_clients or vim.lsp.get_active_clients)())
end

-- The lens of a stage leads to its uses.
if vim.lsp.commands then
  vim.lsp.commands['layerwise.showReferences'] = function(command, context)
    local client = vim.lsp.get_client_by_id(context.client_id)
    local items = vim.lsp.util.locations_to_items(command.arguments[3], client.offset_encoding)
    vim.fn.setqflist({}, ' ', { title = command.title, items = items })
    vim.cmd('botright copen')
  end
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

-- Of these, what is not written yet counts too: what builds Dockerfiles, the configuration, and .dockerignore, which a
-- fix leaves as a changed buffer. Once a Dockerfile is open, the server hears of them.
local sources = {
  '*.dockerignore',
  '.layerwise.yaml',
  '.layerwise.yml',
  '*/*{compose,Compose,COMPOSE}*.{yaml,yml}',
  '*/*bake*.{hcl,json}',
  '*/.{github,forgejo,gitea}/workflows/*.{yaml,yml}',
  '*/action.{yaml,yml}',
  '*/*.gitlab-ci.yml',
  '*/.circleci/*.{yaml,yml}',
  '*/.{woodpecker,drone}.{yaml,yml}',
  '*/.woodpecker/*.{yaml,yml}',
  '*/*azure-pipelines*.{yaml,yml}',
  '*/.azure/*.{yaml,yml}',
  '*/cloudbuild*.{yaml,yml,json}',
  '*/*[Bb]uild*.{yaml,yml}',
  '*/{Jenkinsfile,Jenkinsfile.*,*.jenkinsfile,*.Jenkinsfile}',
  '*/{Makefile,makefile,GNUmakefile,Makefile.*,*.mk}',
  '*/{justfile,Justfile,.justfile,*.just}',
  '*/*[Tt]askfile*.{yaml,yml}',
  '*/{tasks,taskfiles,.taskfiles,.task}/*.{yaml,yml}',
  '*/*.{sh,bash}',
  '*/package.json',
  '*/skaffold*.{yaml,yml}',
  '*/Tiltfile',
  '*/{devcontainer,.devcontainer}.json',
  '*/*goreleaser*.{yaml,yml}',
}

local function join(buf)
  for _, c in ipairs(clients()) do
    if vim.api.nvim_buf_is_loaded(buf) and not (c.attached_buffers or {})[buf] then
      vim.lsp.buf_attach_client(buf, c.id)
    end
  end
end

vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile' }, {
  pattern = sources,
  callback = function(args)
    vim.b[args.buf].layerwise_source = true
    vim.schedule(function() join(args.buf) end) -- when its filetype is known
  end,
})

if vim.fn.exists('##LspAttach') == 1 then -- 0.8
  vim.api.nvim_create_autocmd('LspAttach', {
    callback = function(args)
      if vim.bo[args.buf].filetype ~= 'dockerfile' then
        return
      end
      for _, buf in ipairs(vim.api.nvim_list_bufs()) do
        if vim.b[buf].layerwise_source then
          vim.schedule(function() join(buf) end)
        end
      end
    end,
  })
end

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
