freeze("frozen")
