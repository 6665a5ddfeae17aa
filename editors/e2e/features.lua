-- Drives the language service in Neovim by its own commands and by keys, and writes what is seen to $REPORT: the
-- name of each feature, and in words what it brought about. The features run one after another beside Neovim's
-- loop, so that keys are typed as a user types them.

local buf = vim.api.nvim_get_current_buf()
local seen = {}
vim.o.completeopt = 'menuone,noselect'
if vim.fn.has('nvim-0.8') == 0 then vim.bo.omnifunc = 'v:lua.vim.lsp.omnifunc' end -- later ones do so themselves

-- wait gives Neovim time until the condition holds, and returns what it is.
local function wait(what, condition)
  for _ = 1, 1500 do
    local got = condition()
    if got then return got end
    vim.defer_fn(DRIVE, 20)
    coroutine.yield()
  end
  error('no ' .. what)
end

local function client()
  for _, c in ipairs((vim.lsp.get_clients or vim.lsp.get_active_clients)()) do
    if c.name == 'layerwise' then return c end
  end
end

-- go puts the cursor onto the first character of the words in a line.
local function go(line, words)
  vim.api.nvim_set_current_buf(buf)
  local text = vim.api.nvim_buf_get_lines(buf, line - 1, line, true)[1]
  local col = assert(text:find(words, 1, true), words .. ' is not in ' .. text)
  vim.api.nvim_win_set_cursor(0, { line, col - 1 })
end

local function here()
  local at = vim.api.nvim_win_get_cursor(0)
  return ('%s:%d:%d'):format(vim.fn.expand('%:t'), at[1], at[2] + 1)
end

local function text() return table.concat(vim.api.nvim_buf_get_lines(buf, 0, -1, true), '\n') .. '\n' end

-- places are the entries of a list of places.
local function places(list)
  return table.concat(vim.tbl_map(function(e) return ('%d:%d'):format(e.lnum, e.col) end, list), ' ')
end

local type_keys = vim.api.nvim_input

-- undone runs something that changes the text, and takes the change back.
local function undone(change)
  local before = text():gsub('\n$', '')
  local ok, err = pcall(change)
  type_keys('<Esc>')
  wait('end of typing', function() return vim.api.nvim_get_mode().mode == 'n' end)
  vim.api.nvim_buf_set_lines(buf, 0, -1, true, vim.split(before, '\n'))
  assert(ok, err)
end

-- take has the first entry of the menu taken, and waits until all of it is done: later Neovims ask the server about
-- the entry first, and fill in a template then, if nobody has left insert mode by that time.
local function take()
  local done = false
  vim.api.nvim_create_autocmd('CompleteDone', { once = true, callback = function() done = true end })
  type_keys('<C-n><C-y>')
  wait('end of completion', function()
    if not done then return false end
    for _, request in pairs(client().requests) do
      if request.type == 'pending' then return false end
    end
    return true
  end)
end

-- complete opens the menu behind words that are typed in a new line above another one, and returns it.
local function complete(line, words)
  local menu
  undone(function()
    go(line, '')
    type_keys('O' .. words:gsub('<', '<lt>') .. '<C-x><C-o>')
    local shown = wait('menu behind ' .. words, function()
      local info = vim.fn.complete_info({ 'items', 'pum_visible' })
      return info.pum_visible == 1 and #info.items > 0 and info
    end)
    menu = vim.tbl_map(function(i) return i.abbr ~= '' and i.abbr or i.word end, vim.list_slice(shown.items, 1, 2)) -- the rest is not the editor's affair
    take()
    type_keys('<Esc>')
    wait('end of typing', function() return vim.api.nvim_get_mode().mode == 'n' end)
    table.insert(menu, 1, 'line: ' .. vim.trim(vim.api.nvim_buf_get_lines(buf, line - 1, line, true)[1]))
  end)
  return table.concat(menu, '\n')
end

local features = {
  { 'definition of a stage', function()
    go(7, 'base')
    vim.lsp.buf.definition()
    wait('jump', function() return vim.api.nvim_win_get_cursor(0)[1] ~= 7 end)
    return here()
  end },
  { 'definition of a file', function()
    go(4, 'requirements.txt')
    vim.lsp.buf.definition()
    wait('file', function() return vim.api.nvim_get_current_buf() ~= buf end)
    return here()
  end },
  { 'declaration of a variable', function()
    go(2, 'TAG')
    vim.lsp.buf.declaration()
    wait('jump', function() return vim.api.nvim_win_get_cursor(0)[1] ~= 2 end)
    return here()
  end },
  { 'references of a stage', function()
    vim.fn.setqflist({})
    go(2, 'base')
    vim.lsp.buf.references()
    wait('list', function() return #vim.fn.getqflist() > 0 end)
    vim.cmd('cclose')
    return places(vim.fn.getqflist())
  end },
  { 'highlights of a variable', function()
    go(1, 'TAG')
    vim.lsp.buf.document_highlight()
    local space = vim.api.nvim_create_namespace(vim.fn.has('nvim-0.11') == 1 and 'nvim.lsp.references' or 'vim_lsp_references')
    local marks = wait('highlights', function()
      local all = vim.api.nvim_buf_get_extmarks(buf, space, 0, -1, { details = true })
      return #all > 0 and all
    end)
    return table.concat(vim.tbl_map(function(m)
      return ('%d:%d %s'):format(m[2] + 1, m[3] + 1, m[4].hl_group)
    end, marks), ', ')
  end },
  { 'symbols', function()
    vim.lsp.buf.document_symbol()
    local list = wait('symbols', function()
      local all = vim.fn.has('nvim-0.11') == 1 and vim.fn.getloclist(0) or vim.fn.getqflist()
      return #all > 0 and all[1].text:find('[', 1, true) and all
    end)
    vim.cmd('lclose')
    vim.cmd('cclose')
    return table.concat(vim.tbl_map(function(e) return e.lnum .. ' ' .. e.text end, list), '\n')
  end },
  { 'rename', function()
    local after
    undone(function()
      go(7, 'base')
      local before = text()
      vim.lsp.buf.rename('builder')
      wait('change', function() return text() ~= before end)
      after = text()
    end)
    return after
  end },
  { 'format', function()
    local after
    undone(function()
      if vim.lsp.buf.format then vim.lsp.buf.format({ async = false, timeout_ms = 30000 }) else vim.lsp.buf.formatting_sync(nil, 30000) end
      after = text()
    end)
    return after
  end },
  { 'completion of an instruction', function() return complete(8, 'HEA') end },
  { 'completion of a flag', function() return complete(8, 'COPY --fr') end },
  { 'completion of a stage', function() return complete(8, 'COPY --from=') end },
  { 'completion of a variable', function() return complete(2, 'FROM python:$T') end },
  { 'completion of a file', function() return complete(8, 'COPY req') end },
  { 'signature', function()
    local lines
    undone(function()
      go(8, '')
      type_keys('OCOPY --from=base ')
      wait('typing', function() return vim.api.nvim_get_current_line() == 'COPY --from=base ' end)
      vim.lsp.buf.signature_help()
      local float = wait('signature', function()
        for _, w in ipairs(vim.api.nvim_list_wins()) do
          if vim.api.nvim_win_get_config(w).relative ~= '' then return w end
        end
      end)
      lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(float), 0, -1, false)
      pcall(vim.api.nvim_win_close, float, true)
    end)
    return table.concat(lines, '\n')
  end },
  { 'semantic tokens', function()
    if not vim.lsp.semantic_tokens then return 'it has none' end
    local function at(line, words)
      go(line, words)
      local pos = vim.api.nvim_win_get_cursor(0)
      local tokens = wait('token of ' .. words, function()
        local all = vim.lsp.semantic_tokens.get_at_pos(buf, pos[1] - 1, pos[2])
        return all and #all > 0 and all
      end)
      return words .. ' ' .. tokens[1].type
    end
    return table.concat({ at(2, 'FROM'), at(2, 'base'), at(2, 'TAG'), at(5, '--mount'), at(5, 'pip install') }, ', ')
  end },
  { 'semantic tokens below a new line', function()
    if not vim.lsp.semantic_tokens then return 'it has none' end
    local all
    undone(function()
      go(3, '')
      type_keys('OARG NEW=1<Esc>')
      local function at(line, col)
        local tokens = vim.lsp.semantic_tokens.get_at_pos(buf, line - 1, col)
        return tokens and tokens[1] and tokens[1].type or 'none'
      end
      all = wait('tokens of the new text', function()
        local got = at(3, 4) .. ' ' .. at(8, 5)
        return got == 'variable namespace' and got
      end)
    end)
    return all
  end },
  { 'completion as one types', function()
    if not (vim.lsp.completion and vim.lsp.completion.enable) then return 'it has none' end
    vim.lsp.completion.enable(true, client().id, buf, { autotrigger = true })
    local menu
    undone(function()
      go(8, '')
      type_keys('OCOPY --from=')
      menu = wait('menu behind =', function()
        local info = vim.fn.complete_info({ 'items', 'pum_visible' })
        return info.pum_visible == 1 and info.items[1].abbr == 'base' and info.items
      end)
      take()
      wait('the stage', function() return vim.api.nvim_get_current_line() == 'COPY --from=base' end)
    end)
    vim.lsp.completion.enable(false, client().id, buf)
    return table.concat(vim.tbl_map(function(i) return i.abbr .. ' ' .. i.menu end, vim.list_slice(menu, 1, 2)), '\n')
  end },
  { 'formatting as one types', function()
    if not vim.lsp.on_type_formatting then return 'it has none' end
    vim.lsp.on_type_formatting.enable(true, { client_id = client().id })
    local after
    undone(function()
      go(8, '')
      type_keys('ORUN a && \\<CR>')
      wait('indentation', function()
        after = vim.api.nvim_get_current_line()
        return after:find('^%s+$')
      end)
    end)
    vim.lsp.on_type_formatting.enable(false, { client_id = client().id })
    return ('indented by %q'):format(after)
  end },
  { 'format of a range', function()
    local after
    undone(function()
      local range = { start = { 12, 0 }, ['end'] = { 12, 5 } }
      if vim.lsp.buf.format then
        vim.lsp.buf.format({ async = false, timeout_ms = 30000, range = range })
      else
        vim.lsp.buf.range_formatting({}, range.start, range['end'])
      end
      wait('change', function() return vim.api.nvim_buf_get_lines(buf, 11, 12, true)[1] == 'COPY . .' end)
      after = text()
    end)
    return table.concat({ unpack(vim.split(after, '\n'), 4, 12) }, '\n')
  end },
  { 'inlay hints', function()
    if not vim.lsp.inlay_hint then return 'it has none' end
    -- The user asks for them in the settings.
    client().config.settings = { layerwise = { hints = { stages = true, variables = true, files = true } } }
    client().settings = client().config.settings
    vim.lsp.buf_notify(buf, 'workspace/didChangeConfiguration', { settings = client().settings })
    local on = vim.lsp.inlay_hint
    on.enable(true, { bufnr = buf })
    local all = wait('hints', function()
      local got = on.get({ bufnr = buf })
      return #got > 0 and got
    end)
    table.sort(all, function(a, b) return a.inlay_hint.position.line < b.inlay_hint.position.line end)
    return table.concat(vim.tbl_map(function(h)
      local label = h.inlay_hint.label
      if type(label) == 'table' then label = label[1].value end
      return (h.inlay_hint.position.line + 1) .. ' ' .. label
    end, all), '\n')
  end },
  { 'folds', function()
    if not vim.lsp.foldexpr then return 'it has none' end
    vim.wo.foldmethod = 'expr'
    vim.wo.foldexpr = 'v:lua.vim.lsp.foldexpr()'
    wait('folds', function() return vim.fn.foldlevel(2) > 0 end)
    local all = {}
    for line = 1, vim.api.nvim_buf_line_count(buf) do table.insert(all, vim.fn.foldlevel(line)) end
    vim.wo.foldmethod = 'manual'
    vim.cmd('normal! zE')
    return table.concat(all, ' ')
  end },
  { 'selection', function()
    if not vim.lsp.buf.selection_range then return 'it has none' end
    go(11, 'app')
    local all = {}
    for _ = 1, 3 do
      local before = vim.fn.mode() == 'n' and '' or table.concat(vim.fn.getpos('v'), ',') .. table.concat(vim.fn.getpos('.'), ',')
      vim.lsp.buf.selection_range(1)
      wait('selection', function()
        return vim.fn.mode():lower() == 'v' and table.concat(vim.fn.getpos('v'), ',') .. table.concat(vim.fn.getpos('.'), ',') ~= before
      end)
      table.insert(all, table.concat(vim.fn.getregion(vim.fn.getpos('v'), vim.fn.getpos('.'), { type = vim.fn.mode() }), '\\n'))
    end
    type_keys('<Esc>')
    wait('end of the selection', function() return vim.api.nvim_get_mode().mode == 'n' end)
    return table.concat(all, '\n')
  end },
  { 'linked editing', function()
    if not vim.lsp.linked_editing_range then return 'it has none' end
    vim.lsp.linked_editing_range.enable(true, { client_id = client().id })
    local after
    undone(function()
      go(8, 'EOF')
      type_keys('a')
      wait('ranges', function()
        for name, space in pairs(vim.api.nvim_get_namespaces()) do
          if name:find('linked') and #vim.api.nvim_buf_get_extmarks(buf, space, 0, -1, {}) > 1 then return true end
        end
      end)
      type_keys('X')
      wait('the other word', function() return vim.api.nvim_buf_get_lines(buf, 9, 10, true)[1] ~= 'EOF' end)
      after = table.concat({ unpack(vim.api.nvim_buf_get_lines(buf, 7, 10, true)) }, '\n')
    end)
    vim.lsp.linked_editing_range.enable(false, { client_id = client().id })
    return after
  end },
  { 'links', function()
    if not vim.ui.open or vim.fn.has('nvim-0.11') == 0 then return 'it has none' end
    local opened
    vim.ui.open = function(uri) opened = uri; return nil, 'not here' end
    go(2, 'python')
    type_keys('gx')
    wait('link', function() return opened end)
    return opened
  end },
}

local drive = coroutine.create(function()
  wait('connection', client)
  wait('diagnostics', function() return #vim.diagnostic.get(buf) > 0 end)
  for _, feature in ipairs(features) do
    local name, run = feature[1], feature[2]
    local ok, got = pcall(run)
    seen[name] = ok and tostring(got) or 'ERROR ' .. tostring(got)
    if vim.api.nvim_get_mode().mode ~= 'n' then vim.cmd('stopinsert') end
  end
end)

function DRIVE()
  local ok, err = coroutine.resume(drive)
  if coroutine.status(drive) == 'dead' then
    vim.fn.writefile({ vim.fn.json_encode({ error = not ok and tostring(err) or '', features = seen }) }, vim.env.REPORT)
    vim.cmd('qall!')
  end
end

vim.schedule(DRIVE)
