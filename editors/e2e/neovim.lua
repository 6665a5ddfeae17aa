-- Drives Neovim as a user does, and writes what it shows to $REPORT.

local buf = vim.api.nvim_get_current_buf()

local function wait(what, condition)
  assert(vim.wait(60000, condition, 20), 'no ' .. what)
end

local function findings()
  wait('diagnostics', function() return #vim.diagnostic.get(buf) > 0 end)
  local all = {}
  for _, d in ipairs(vim.diagnostic.get(buf)) do
    table.insert(all, {
      line = d.lnum + 1,
      text = vim.api.nvim_buf_get_text(buf, d.lnum, d.col, d.end_lnum, d.end_col, {})[1],
      code = d.code or d.user_data.lsp.code,
      message = d.message,
    })
  end
  return all
end

local function hover(line)
  vim.api.nvim_win_set_cursor(0, { line, 0 })
  vim.lsp.buf.hover()
  local float
  wait('hover', function()
    for _, w in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(w).relative ~= '' then
        float = w
      end
    end
    return float
  end)
  local lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(float), 0, -1, false)
  vim.api.nvim_win_close(float, true)
  return table.concat(lines, '\n')
end

-- choose takes the action whose title has the words, from the menu for a line, and returns the titles.
local function choose(line, words)
  local function state()
    return #vim.api.nvim_list_bufs() + vim.api.nvim_buf_get_changedtick(buf)
  end
  local titles, before = {}, state()
  vim.ui.select = function(items, options, take)
    for i, item in ipairs(items) do
      local title = options.format_item(item)
      table.insert(titles, title)
      if title:find(words, 1, true) then
        take(item, i)
      end
    end
  end
  vim.api.nvim_win_set_cursor(0, { line, 0 })
  vim.lsp.buf.code_action()
  wait('change', function() return state() ~= before end)
  return titles
end

local tasks = {
  fix = function(report)
    report.findings = findings()
    report.hover = hover(7)
    report.actions = choose(7, 'Move `COPY requirements.txt`')
    vim.cmd('write')
  end,
  create = function(report)
    findings()
    report.actions = choose(7, 'Create .dockerignore')
    wait('news of .dockerignore', function() -- before it is written
      for _, d in ipairs(vim.diagnostic.get(buf)) do
        if d.message:find('no .dockerignore', 1, true) then return false end
      end
      return true
    end)
    vim.cmd('wall')
  end,
  written = function()
    findings()
    local function counts(files)
      for _, d in ipairs(vim.diagnostic.get(buf)) do
        if d.message:find('any of the ' .. files .. ' files', 1, true) then return true end
      end
    end
    wait('the files', function() return counts(5) end)
    vim.cmd('split new.py')
    vim.cmd('write')
    wait('the new file', function() return counts(6) end)
  end,
  save = function()
    findings()
    vim.cmd('write')
  end,
  settings = function()
    findings()
    wait('setting', function()
      for _, d in ipairs(vim.diagnostic.get(buf)) do
        if d.message:find('No USER', 1, true) then return false end
      end
      return #vim.diagnostic.get(buf) > 0
    end)
  end,
  crash = function(report)
    findings()
    vim.fn.system('kill -9 $(cat $SERVER_PID)')
    wait('end of the server', function()
      return #(vim.lsp.get_clients or vim.lsp.get_active_clients)() == 0
    end)
    vim.diagnostic.reset()
    vim.cmd('edit')
    report.findings = findings()
  end,
}

-- lens waits for what stands above the first line.
local function lens(words)
  local title
  local function ask()
    local answers = vim.lsp.buf_request_sync(buf, 'textDocument/codeLens', { textDocument = { uri = vim.uri_from_bufnr(buf) } }, 5000)
    for _, answer in pairs(answers or {}) do
      for _, l in ipairs(answer.result or {}) do
        title = l.command and l.command.title or title -- that of the references is asked for when it is shown
        if title and title:find(words, 1, true) then return true end
      end
    end
    return false
  end
  local found = vim.wait(60000, ask, 50)
  assert(found, 'the lens is ' .. tostring(title) .. ', not ' .. words)
  return title
end

local function finding(words)
  wait('finding ' .. words, function()
    for _, d in ipairs(vim.diagnostic.get(buf)) do
      if d.message:find(words, 1, true) then return true end
    end
    return false
  end)
end

-- builds is a Dockerfile that a compose file builds in two ways.
function tasks.builds(report)
  report.lens = lens('service api')
  finding('any of the 6 files')
  -- The user takes the lens of the builds, and then the second one, in whichever way this Neovim asks.
  local function second(items) return #items end
  vim.ui.select = function(items, options, take)
    for i, item in ipairs(items) do
      if options.format_item and options.format_item(item):find('Built by', 1, true) then return take(item, i) end
    end
    take(items[second(items)], second(items))
  end
  vim.fn.inputlist = function(items) return second(items) - 1 end -- the first is the question
  vim.lsp.codelens.refresh({ bufnr = buf })
  wait('the lens', function() return #vim.lsp.codelens.get(buf) > 0 end)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  vim.lsp.codelens.run()
  report.chosen = lens('service tools')
  finding('there is no quick fix')
  -- What stands in compose.yaml counts before it is saved.
  vim.cmd('split ' .. vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buf), ':h:h') .. '/compose.yaml')
  local source = vim.api.nvim_get_current_buf()
  wait('the server', function() return #vim.lsp.get_clients({ bufnr = source, name = 'layerwise' }) > 0 end)
  vim.api.nvim_buf_set_lines(source, 0, -1, false, { 'services: {only: {build: {context: ., dockerfile: api/Dockerfile, target: missing}}}' })
  report.unsaved = lens('service only')
  finding('any of the 6 files')
  wait('news of the source', function() return #vim.diagnostic.get(source) > 0 end)
  report.source = vim.diagnostic.get(source)[1].message
end

local report = vim.empty_dict()
local ok, err = pcall(tasks[vim.env.TASK], report)
if not ok then
  report.error = tostring(err)
end
vim.fn.writefile({ vim.fn.json_encode(report) }, vim.env.REPORT)
vim.cmd('qall!')
