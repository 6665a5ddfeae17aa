;; Drives Emacs with eglot or lsp-mode as a user does, and writes what it shows to $REPORT.

(package-initialize)
(require 'cl-lib)
(require 'json)
(require 'dockerfile-mode)
(require 'flymake)
(defvar lsp-mode-p (memq 'lsp dockerfile-mode-hook))
(unless lsp-mode-p (require 'eglot))

(defun wait (what condition)
  (let ((end (+ (float-time) 60)) (result nil))
    (while (not (setq result (funcall condition)))
      (when (> (float-time) end) (error "No %s" what))
      (accept-process-output nil 0.02))
    result))

(defun connect ()
  "Open the Dockerfile, and start a server if opening does not."
  (when lsp-mode-p
    (require 'lsp-mode)
    (lsp-workspace-folders-add default-directory)) ; else it asks for the folder of the project
  (find-file "Dockerfile")
  (cond (lsp-mode-p (wait "connection" #'lsp-workspaces))
        ((memq #'eglot-ensure dockerfile-mode-hook)
         (run-hooks 'post-command-hook)) ; where eglot-ensure waits
        (t (let ((last-nonmenu-event ?x)) (call-interactively #'eglot))))
  (unless lsp-mode-p (wait "connection" #'eglot-managed-p)))

(defun disconnect ()
  (if lsp-mode-p
      (lsp-workspace-shutdown (car (lsp-workspaces)))
    (eglot-shutdown (eglot-current-server))))

(defun findings ()
  (flymake-start)
  (wait "diagnostics" #'flymake-diagnostics)
  (vconcat
   (mapcar (lambda (d)
             ;; Eglot shows "layerwise [code]: message" or "message [code]".
             (let ((text (flymake-diagnostic-text d)))
               (string-match "\\[\\([a-z-]+\\)\\]" text)
               `((line . ,(line-number-at-pos (flymake-diagnostic-beg d)))
                 (text . ,(buffer-substring-no-properties (flymake-diagnostic-beg d) (flymake-diagnostic-end d)))
                 (code . ,(match-string 1 text))
                 (message . ,(replace-regexp-in-string "\\`.*\\]: \\| \\[[a-z-]+\\]\\'" "" text)))))
           (flymake-diagnostics))))

(defun hover (line)
  (goto-char (point-min))
  (forward-line (1- line))
  (let ((text nil))
    (if lsp-mode-p
        (save-window-excursion
          (lsp-describe-thing-at-point)
          (with-current-buffer "*lsp-help*" (setq text (buffer-string))))
      (eglot-hover-eldoc-function (lambda (s &rest _) (setq text s))))
    (wait "hover" (lambda () text))
    (substring-no-properties text)))

(defun choose (line words)
  "Take the action whose title has the words from the menu for a line; return the titles."
  (goto-char (point-min))
  (forward-line (1- line))
  (let ((titles nil) (last-nonmenu-event ?x) (before (buffer-string)))
    (cl-letf (((symbol-function 'completing-read)
               (lambda (_prompt choices &rest _)
                 (setq titles (all-completions "" choices))
                 (cl-find-if (lambda (title) (string-search words title)) titles))))
      (call-interactively (if lsp-mode-p #'lsp-execute-code-action #'eglot-code-actions)))
    (wait "change" (lambda () (not (equal before (buffer-string)))))
    (vconcat titles)))

(defun task-fix ()
  (let* ((findings (findings)) (hover (hover 7)) (actions (choose 7 "Move `COPY requirements.txt`")))
    (save-buffer)
    `((findings . ,findings) (hover . ,hover) (actions . ,actions))))

(defun task-save ()
  (findings)
  (set-buffer-modified-p t)
  (save-buffer)
  nil)

(defun task-settings ()
  (findings)
  (wait "setting" (lambda ()
                    (flymake-start)
                    (let ((all (mapcar #'flymake-diagnostic-text (flymake-diagnostics))))
                      (and all (not (cl-some (lambda (text) (string-search "No USER" text)) all))))))
  nil)

(defun task-crash ()
  (let ((server (eglot-current-server)))
    (findings)
    (sleep-for 3.1)                     ; eglot does not restart a server that ends at once
    (shell-command "kill -9 $(cat $SERVER_PID)")
    (wait "new server" (lambda () (and (eglot-current-server) (not (eq server (eglot-current-server))))))
    `((findings . ,(findings)))))

(let ((report (condition-case err
                  (progn
                    (connect)
                    (prog1 (funcall (intern (concat "task-" (getenv "TASK"))))
                      (disconnect)))
                (error `((error . ,(error-message-string err)))))))
  (with-temp-file (getenv "REPORT")
    (insert (json-encode (or report (make-hash-table)))))
  (set-buffer-modified-p nil))
