-- The converter's side of core/reading/pandoc.py: reads documents from standard input, answers with their prose.
--
-- A request is a line "FORMAT BYTES" and so many bytes; an answer is a line "ok BYTES" or "no BYTES" and so many
-- bytes. Paragraphs are separated by a blank line; what has no words (code, tables, formulas, pictures) is left out.
-- Documents are read in pandoc's sandbox: whatever they name, no file and no address is opened for them.

local OBJECT = utf8.char(0xFFFC) -- stands for what cannot be said in words; core/reading/prose.py knows it
local SKIPPED_CLASSES = {
  nav = true, navbar = true, navigation = true, menu = true, toc = true, sidebar = true, footer = true,
  breadcrumb = true, breadcrumbs = true, refs = true, references = true, ['csl-bib-body'] = true,
  thebibliography = true, tag = true, todo = true, done = true, timestamp = true, ['cookie-banner'] = true, ['skip-link'] = true, comment = true,
}
local QUOTED_CLASSES = { -- in mail: what others wrote, and what stands below every message
  gmail_quote = true, gmail_attr = true, gmail_signature = true, gmail_signature_prefix = true, yahoo_quoted = true,
  ['moz-signature'] = true, ['moz-cite-prefix'] = true, ['moz-forward-container'] = true, protonmail_quote = true,
  protonmail_signature_block = true, divRplyFwdMsg = true, appendonsend = true, ['OutlookMessageHeader'] = true,
}
local MATH_CLASSES = { math = true, katex = true, MathJax = true, ['mwe-math-element'] = true }
local CAPTION_OF_PROSE = 40 -- characters: shorter ones name a picture
local CELL_OF_PROSE = 160 -- characters: pages laid out by tables have cells this long, tables of data have not

local kind -- of the document that is being read
local blocks_text, inlines_text

local function is_named(name)
  return SKIPPED_CLASSES[name] or (kind == 'mail' and QUOTED_CLASSES[name])
end

local function has_class(element, names)
  for _, class in ipairs(element.classes) do
    if names[class] then return true end
  end
  return false
end

local function skipped(element)
  if is_named(element.identifier) then return true end
  for _, class in ipairs(element.classes) do
    if is_named(class) then return true end
  end
  local role = element.attributes.role
  return role == 'navigation' or role == 'banner' or role == 'contentinfo' or role == 'doc-toc'
end

local function formula(source)
  local plain = source:match('^[%w%s+=<>,.()/%%-]+$') and #source <= 24
  return plain and source or OBJECT
end

local INLINE = {
  Str = function(inline) return inline.text end,
  Space = function() return ' ' end,
  SoftBreak = function() return ' ' end,
  LineBreak = function() return '\n' end,
  Code = function(inline) return inline.text end,
  Math = function(inline) return formula(inline.text) end,
  Quoted = function(inline, notes)
    local double = inline.quotetype == 'DoubleQuote'
    local open, close = double and '“' or '‘', double and '”' or '’'
    return open .. inlines_text(inline.content, notes) .. close
  end,
  Note = function(inline, notes)
    notes[#notes + 1] = inline.content
    return ''
  end,
  Cite = function(inline, notes)
    local text = inlines_text(inline.content, notes)
    return text:match('^%[?%-?@') and '' or text
  end,
  Span = function(inline, notes)
    if skipped(inline) then return '' end
    local text = inlines_text(inline.content, notes)
    return has_class(inline, MATH_CLASSES) and formula(text) or text
  end,
  Strikeout = function() return '' end,
  Image = function() return '' end,
  RawInline = function() return '' end,
}

inlines_text = function(inlines, notes)
  local parts = {}
  for _, inline in ipairs(inlines) do
    local write = INLINE[inline.t]
    parts[#parts + 1] = write and write(inline, notes) or inlines_text(inline.content, notes)
  end
  return table.concat(parts)
end

local function write_paragraph(block, out)
  local notes = {}
  local text = inlines_text(block.content, notes)
  if text:find('%S') then out[#out + 1] = text end
  for _, note in ipairs(notes) do blocks_text(note, out) end
end

local function is_link_alone(blocks)
  if #blocks ~= 1 or not (blocks[1].t == 'Plain' or blocks[1].t == 'Para') then return false end
  local content = blocks[1].content
  return #content == 1 and content[1].t == 'Link'
end

local function write_items(items, out)
  for _, item in ipairs(items) do
    if not is_link_alone(item) then blocks_text(item, out) end
  end
end

local function write_cells(rows, out)
  for _, row in ipairs(rows) do
    for _, cell in ipairs(row.cells) do
      local inner = {}
      blocks_text(cell.contents, inner)
      for _, text in ipairs(inner) do
        if #text >= CELL_OF_PROSE then out[#out + 1] = text end
      end
    end
  end
end

local BLOCK = {
  Para = write_paragraph,
  Plain = write_paragraph,
  Header = write_paragraph,
  LineBlock = function(block, out)
    local lines = {}
    for _, line in ipairs(block.content) do lines[#lines + 1] = inlines_text(line, {}) end
    out[#out + 1] = table.concat(lines, '\n')
  end,
  BlockQuote = function(block, out)
    if kind ~= 'mail' then blocks_text(block.content, out) end
  end,
  Div = function(block, out)
    if not skipped(block) then blocks_text(block.content, out) end
  end,
  Figure = function(block, out)
    local inner = {}
    blocks_text(block.caption.long, inner)
    for _, text in ipairs(inner) do
      if #text >= CAPTION_OF_PROSE then out[#out + 1] = text end
    end
  end,
  BulletList = function(block, out) write_items(block.content, out) end,
  OrderedList = function(block, out) write_items(block.content, out) end,
  DefinitionList = function(block, out)
    for _, item in ipairs(block.content) do
      write_paragraph({content = item[1]}, out)
      write_items(item[2], out)
    end
  end,
  Table = function(block, out)
    if kind ~= 'html' and kind ~= 'mail' then return end
    for _, body in ipairs(block.bodies) do write_cells(body.body, out) end
  end,
}

blocks_text = function(blocks, out)
  for _, block in ipairs(blocks) do
    local write = BLOCK[block.t]
    if write then write(block, out) end
  end
end

local function convert(format, data)
  kind = format
  -- An empty list of files: the sandbox.
  local document = pandoc.read(data, kind == 'mail' and 'html' or kind, {}, {})
  local out = {}
  blocks_text(document.blocks, out)
  return table.concat(out, '\n\n')
end

for line in io.lines() do
  local format, bytes = line:match('^(%S+) (%d+)$')
  local data = bytes == '0' and '' or io.read(tonumber(bytes))
  local done, answer = pcall(convert, format, data)
  answer = tostring(answer)
  io.write(done and 'ok ' or 'no ', #answer, '\n', answer)
  io.flush()
end
