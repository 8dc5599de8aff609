# Mounts a file system on the board's memory disk.
import _board
import vfs


class Disk:
    BLOCK = 512

    def __init__(self):
        self.memory = memoryview(_board.disk())

    def readblocks(self, block, buf, offset=0):
        start = block * self.BLOCK + offset
        buf[:] = self.memory[start : start + len(buf)]

    def writeblocks(self, block, buf, offset=0):
        start = block * self.BLOCK + offset
        self.memory[start : start + len(buf)] = buf

    def ioctl(self, request, arg):
        if request == 4:  # number of blocks
            return len(self.memory) // self.BLOCK
        if request == 5:  # size of a block
            return self.BLOCK
        return 0


disk = Disk()
try:
    vfs.mount(vfs.VfsLfs2(disk), "/")
except OSError:  # not formatted yet
    vfs.VfsLfs2.mkfs(disk)
    vfs.mount(vfs.VfsLfs2(disk), "/")
del _board, vfs, Disk, disk
