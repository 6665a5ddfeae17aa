;; -*- lexical-binding: t -*-
;; The task features of emacs.el: drives the language service by Emacs' own commands, and tells in words what each
;; feature brought about.

(require 'xref)
(require 'imenu)

(defun text () (buffer-substring-no-properties (point-min) (point-max)))

(defun go (line words)
  "Put the cursor onto the first character of the words in a line."
  (goto-char (point-min))
  (forward-line (1- line))
  (search-forward words (line-end-position))
  (goto-char (match-beginning 0)))

(defun undone (change)
  "Call what changes the text, and take the change back."
  (let ((before (text)))
    (unwind-protect (funcall change)
      (erase-buffer)
      (insert before))))

(defun complete (line words)
  "Type the words in a new line above another one, and complete them: the new line, and what there was to choose."
  (undone
   (lambda ()
     (goto-char (point-min))
     (forward-line (1- line))
     (insert words "\n")
     (backward-char)
     (let* ((choice (run-hook-wrapped 'completion-at-point-functions #'completion--capf-wrapper 'all))
            (all (all-completions (buffer-substring (nth 1 choice) (point)) (nth 3 choice) (plist-get (nthcdr 4 choice) :predicate))))
       ;; lsp-mode's edits are made by what shows its menus, which hands it what was chosen.
       (if (not lsp-mode-p)
           (completion-at-point)
         (delete-region (nth 1 choice) (point))
         (insert (car all))
         (funcall (plist-get (nthcdr 4 choice) :exit-function) (car all) 'finished))
       (concat "line: " (buffer-substring-no-properties (line-beginning-position) (line-end-position)) "\n"
               (mapconcat #'substring-no-properties (sort (copy-sequence all) #'string<) "\n"))))))

(defun xref-places (xrefs)
  (mapconcat (lambda (x)
               (let ((marker (xref-location-marker (xref-item-location x))))
                 (with-current-buffer (marker-buffer marker)
                   (save-excursion
                     (goto-char marker)
                     (format "%s:%d:%d" (file-name-nondirectory (buffer-file-name)) (line-number-at-pos) (1+ (current-column)))))))
             xrefs " "))

(defun definition (line words)
  (go line words)
  (xref-places (xref-backend-definitions (xref-find-backend) (xref-backend-identifier-at-point (xref-find-backend)))))

(defun references (line words)
  (go line words)
  (xref-places (xref-backend-references (xref-find-backend) (xref-backend-identifier-at-point (xref-find-backend)))))

(defun symbols (index depth)
  (mapconcat (lambda (entry)
               (concat (make-string (* 2 depth) ? ) (substring-no-properties (car entry))
                       (if (listp (cdr entry)) (concat "\n" (symbols (cdr entry) (1+ depth))) "")))
             (cl-remove-if (lambda (entry) (equal (car entry) "*Rescan*")) index) "\n"))

(defun signature (line words)
  (undone
   (lambda ()
     (goto-char (point-min))
     (forward-line (1- line))
     (insert words "\n")
     (backward-char)
     (let ((shown nil))
       (if lsp-mode-p
           (let ((lsp-signature-function (lambda (s) (when s (setq shown s)))))
             (lsp-signature-activate)
             (lsp-signature)
             (wait "signature" (lambda () shown)))
         (eglot--signal-textDocument/didChange) ; which Emacs does when it is idle
         (eglot-signature-eldoc-function (lambda (s &rest _) (setq shown s)))
         (wait "signature" (lambda () shown)))
       (substring-no-properties shown)))))

(defun task-features ()
  (findings)
  (let ((seen nil))
    (cl-flet ((feature (name run)
                (push (cons name (condition-case err (funcall run) (error (concat "ERROR " (error-message-string err))))) seen)))
      (feature "hover" (lambda () (hover 5)))
      (feature "definition of a stage" (lambda () (definition 7 "base")))
      (feature "definition of a file" (lambda () (definition 4 "requirements.txt")))
      (feature "references of a stage" (lambda () (references 2 "base")))
      (feature "symbols" (lambda () (symbols (funcall imenu-create-index-function) 0)))
      (feature "rename" (lambda ()
                          (undone (lambda ()
                                    (go 7 "base")
                                    (if lsp-mode-p (lsp-rename "builder") (eglot-rename "builder"))
                                    (text)))))
      (feature "format" (lambda ()
                          (undone (lambda ()
                                    (if lsp-mode-p (lsp-format-buffer) (eglot-format-buffer))
                                    (text)))))
      (feature "completion of an instruction" (lambda () (complete 8 "HEA")))
      (feature "completion of a flag" (lambda () (complete 8 "COPY --fr")))
      (feature "completion of a stage" (lambda () (complete 8 "COPY --from=bas")))
      (feature "completion of a variable" (lambda () (complete 2 "FROM python:$TA")))
      (feature "completion of a file" (lambda () (complete 8 "COPY req")))
      (feature "signature" (lambda () (signature 8 "COPY --from=base ")))
      (when lsp-mode-p
        (feature "selection" (lambda ()
                               (go 11 "app")
                               (lsp-extend-selection)
                               (prog1 (buffer-substring-no-properties (region-beginning) (region-end))
                                 (deactivate-mark))))))
    (set-buffer-modified-p nil)
    `((features . ,seen))))
